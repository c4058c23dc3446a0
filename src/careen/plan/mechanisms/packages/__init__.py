"""What a package of the system needs once a program or library of it is kept."""
