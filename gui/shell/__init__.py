"""The frame around the pages: step list, heading, buttons, help, the question on closing."""
