"""What a person does: import, judge, mask, edit, style, bind, export. One use case = one function."""
