"""Small web pages: made at random, written as HTML, laid out and drawn without a browser, and measured in one."""
