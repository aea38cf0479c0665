"""What Rasa loads of ours: the topic classifier and the importer of topic files."""
