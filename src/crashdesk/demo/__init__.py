"""A tour of the whole product: the sample program Fieldbook, and the story `crashdesk demo` tells with it."""
