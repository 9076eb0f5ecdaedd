"""What several rules over state machines ask: places, expressions, the flow of states and variables."""
