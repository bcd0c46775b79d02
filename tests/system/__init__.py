"""The system as an operator starts it: `cauce up`, real processes, real HTTP."""
