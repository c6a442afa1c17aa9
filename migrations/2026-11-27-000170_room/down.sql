DROP TABLE room_seen;
