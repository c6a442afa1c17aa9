DROP FUNCTION panel_take(text, bigint, bigint, bigint, bigint);
DROP TABLE panel_allowance;
