"""The Streamlit shell of the studio."""
