"""From inbox rows to facts, enrolments and wake-ups."""
