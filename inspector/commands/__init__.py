"""The user's actions, as records: what they are called, what they do, when they can be done.

``desk``     the facts a command's readiness depends on, and the verbs it may use (`Facts`, `Desk`)
``command``  the record itself
``files``, ``app``, ``exchanges``, ``view``, ``help``  the commands of each menu
``table``    all of them; menus, toolbar, shortcuts, tooltips and the palette are made from this one table
``copying``  exchanges as text for the clipboard: path, URL, a curl command

No Qt: a command acts on a `Desk`, which the window provides and a test fakes. A command whose issue is not done is not
in the table.
"""
