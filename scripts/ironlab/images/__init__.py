"""Host images: real Rocky from a registry, or a stand-in made of re-packed Debian packages."""
