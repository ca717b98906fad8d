"""Files of annotation tools: texts with labelled character spans, and how spans meet tokens."""
