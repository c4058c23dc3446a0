"""Reading ahead: other processes compute what readers find in files that will soon be asked for."""
