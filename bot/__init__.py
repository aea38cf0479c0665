"""The Telegram front end: newcomers' chats, coaches' chats, delivery of notifications."""
