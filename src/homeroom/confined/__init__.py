"""What a process gives up before it reads a secret: core dumps, and the system calls that it doesn't need."""
