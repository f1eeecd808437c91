"""The import server: the only host that districts reach by SFTP. It identifies and measures sealed files and opens none."""
