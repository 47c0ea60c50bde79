"""What is on the screen: widgets that show state, call actions, and decide nothing."""
