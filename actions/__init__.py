"""Custom actions and the response server, served to Rasa."""
