"""The pages that explain memory: their texts are in resources/explained, their pictures are painted here."""
