"""Labs: exercises on a host, graded from outside it."""
