-- What the tenant's devices keep of a photo: `originals` or `working_copies`.
ALTER TABLE tenant ADD COLUMN photos TEXT NOT NULL DEFAULT 'originals';
