"""Qt's item models: thin translations of what the recording's reader gives."""
