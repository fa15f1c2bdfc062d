"""The web application: the observatory (public, from editions) and the coordination centre's workspace (signed in).

One Django project, an app for each noun; docs/decisions/0050-the-web-application.md says how they are joined.
"""
