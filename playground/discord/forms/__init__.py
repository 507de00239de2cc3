"""The rules of Discord's forms: what a body may hold, and what is made of it."""
