"""What holds a program that is not trusted: what it may reach, and how much it may use."""
