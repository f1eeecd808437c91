"""The import server: the only host that districts' SFTP reaches. It names and weighs sealed files and opens none."""
