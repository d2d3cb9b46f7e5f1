"""Parts of iterated racing: who takes part, how they are drawn, and when one is out."""
