"""The arithmetic from what one program shows to what another one shows, painted in steps."""
