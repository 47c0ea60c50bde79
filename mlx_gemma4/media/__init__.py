"""Files to arrays, with numpy, Pillow and PyAV."""
