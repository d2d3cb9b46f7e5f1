"""Tables of trials: columns that only grow, and Qt's view of them."""
