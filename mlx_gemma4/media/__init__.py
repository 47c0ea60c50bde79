"""Files to arrays, with numpy and pillow."""
