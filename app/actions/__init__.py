"""What a person can do, by subject; menus, shortcuts and buttons all come from here."""
