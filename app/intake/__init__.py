"""What people hand over: what is it, and can it be asked about?"""
