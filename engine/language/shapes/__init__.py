"""Says which keys each section may have, and in which forms their values are written."""
