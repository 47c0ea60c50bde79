"""The audio tower of E2B and E4B."""
