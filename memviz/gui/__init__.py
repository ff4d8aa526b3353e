"""The application, and a widget of it for other applications. Importing this package does not import Qt."""
