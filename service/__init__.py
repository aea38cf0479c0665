"""What the product does: one function per act. Takes a session and now, decides, never sends."""
