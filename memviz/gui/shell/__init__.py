"""The window around the views: Qt and its end, actions, panels, settings, pictures without a display."""
