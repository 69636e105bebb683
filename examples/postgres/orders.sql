-- What a shop knows of its orders, in the columns that mapping.json names.
select customer_id as customer, product_id as product, extract(epoch from ordered_at)::bigint as at, 'order-' || id as event from orders where not cancelled
