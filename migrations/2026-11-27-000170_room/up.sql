-- What providers said of the room that is left for a product in a region ('' where it has none), when so many were promised
-- there already.
CREATE TABLE room_seen (
    product_id uuid NOT NULL REFERENCES products (id),
    region text NOT NULL,
    promised integer NOT NULL CHECK (promised >= 0),
    fits boolean NOT NULL,
    detail text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (product_id, region)
);
