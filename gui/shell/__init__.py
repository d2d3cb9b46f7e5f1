"""What surrounds the pages: step list, heading, buttons, help, the question on closing."""
