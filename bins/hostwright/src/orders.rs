//! `hostwright orders`: what happened to an order, which ones need a person, and putting one back on its way.

use clap::{Args, Subcommand};
use infra::{
    config::DatabaseConfig,
    queries::{self, OrderFilter, OrderPage},
};
use kernel::{Env, Id, Money, entity};
use notify::MailStatus;
use orders::{OrderState, RefundRequest};

use crate::{database, failure::Failed, operator::OperatorArgs, table};

/// `hostwright orders …`.
#[derive(Debug, Subcommand)]
pub(crate) enum OrdersCommand {
    /// The newest orders.
    List(ListArgs),
    /// Everything about one order.
    Show(OrderArgs),
    /// Deliver it again. Looks at the provider before acting there, so it cannot make two.
    Retry(RetryArgs),
    /// Send its money back, or a part of it. With all of it the order ends, and so does its subscription.
    Refund(RefundArgs),
}

/// `hostwright orders list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// Only orders in this state, e.g. needs_attention.
    #[arg(long)]
    status: Option<String>,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_000), default_value_t = 30)]
    limit: i64,
}

/// One order.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    #[command(flatten)]
    database: DatabaseConfig,
    /// ord_…, or its UUID.
    id: Id<entity::Order>,
}

/// `hostwright orders retry`.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    operator: OperatorArgs,
}

/// `hostwright orders refund`.
#[derive(Debug, Args)]
pub(crate) struct RefundArgs {
    #[command(flatten)]
    order: OrderArgs,
    /// How much, e.g. 3.50 in the order's currency; everything that is left where it is not said.
    #[arg(long)]
    amount: Option<String>,
    /// Why, for the record. The customer's pages and mails do not show it; an export of their data does.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    operator: OperatorArgs,
}

pub(crate) async fn command(command: OrdersCommand) -> Result<(), Failed> {
    match command {
        OrdersCommand::List(args) => list(args).await,
        OrdersCommand::Show(args) => show(args).await,
        OrdersCommand::Retry(args) => retry(args).await,
        OrdersCommand::Refund(args) => refund(args).await,
    }
}

async fn list(args: ListArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let filter = OrderFilter { status: args.status, customer: None, before: None };
    let orders = queries::orders_list(&db, &filter, args.limit).await;
    let orders = orders.map_err(|error| Failed::new("list the orders", error))?;
    let rows: Vec<Vec<String>> = orders
        .into_iter()
        .map(|order| {
            let placed = order.created_at.format("%Y-%m-%d %H:%M").to_string();
            let status = if order.disputed { format!("{}, disputed", order.status) } else { order.status };
            let (total, why) = (order.total.to_string(), order.attention.unwrap_or_default());
            vec![placed, order.id.to_string(), status, order.plan, order.cycle, total, order.email, why]
        })
        .collect();
    table::print(&["PLACED", "ORDER", "STATUS", "PLAN", "CYCLE", "TOTAL", "BUYER", "WHY"], &rows);
    Ok(())
}

async fn page(database: &DatabaseConfig, id: Id<entity::Order>) -> Result<OrderPage, Failed> {
    let db = database::open(database).await?;
    let page = queries::order_page(&db, id).await.map_err(|error| Failed::new(format!("read {id}"), error))?;
    page.ok_or_else(|| Failed::new(format!("read {id}"), "there is no such order"))
}

async fn show(args: OrderArgs) -> Result<(), Failed> {
    let page = page(&args.database, args.id).await?;
    let (order, line) = (&page.order, &page.order.line);
    println!("{}  {}", order.id, order.state.as_str());
    println!("  {} ({}), {}, {} now, {} in all", line.plan_name, line.plan, line.cycle, line.due_now, line.total);
    if let Some(discount) = &line.discount {
        println!("  coupon {}: {} off", discount.code, discount.amount);
    }
    println!("  {} <{}>{}", order.buyer.name, order.buyer.email, if order.buyer.guest { ", guest" } else { "" });
    if let OrderState::NeedsAttention { reason, next_step, .. } = &order.state {
        println!("  needs attention: {reason}\n  next: {next_step}");
    }
    for case in &page.cases {
        println!("  case {}: {} ({})", case.id, case.reason, case.kind.as_str());
    }
    if let Some(service) = &page.service {
        println!("  service {} by {}: {}", service.id, service.provider, service.state.as_str());
        service.access.iter().for_each(|field| println!("    {}: {}", field.label, field.value));
    }
    println!("\nTimeline");
    let entries = page.timeline.iter().map(|entry| {
        let at = entry.at.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
        vec![at, entry.actor.to_string(), entry.event.clone(), entry.detail.clone()]
    });
    table::print(&["AT", "WHO", "WHAT", "WHY"], &entries.collect::<Vec<_>>());
    println!("\nPayments");
    let payments = page.payments.iter().map(|payment| {
        let session = payment.session.clone().unwrap_or_default();
        vec![
            payment.attempt.to_string(),
            payment.state.as_str().to_owned(),
            payment.amount.to_string(),
            payment.refunded.to_string(),
            session,
        ]
    });
    table::print(&["TRY", "STATE", "AMOUNT", "REFUNDED", "SESSION"], &payments.collect::<Vec<_>>());
    if !page.refunds.is_empty() {
        println!("\nRefunds");
        let refunds = page.refunds.iter().map(|refund| {
            let (amount, state) = (refund.amount.to_string(), refund.state.as_str().to_owned());
            let why = refund.detail.clone().unwrap_or_else(|| refund.reason.clone());
            vec![refund.id.to_string(), state, amount, refund.asked_by.clone(), why]
        });
        table::print(&["REFUND", "STATE", "AMOUNT", "ASKED BY", "WHY"], &refunds.collect::<Vec<_>>());
    }
    println!("\nMails");
    let mails = page.mails.iter().map(|mail| {
        let error = mail.last_error.clone().unwrap_or_default();
        vec![
            mail.template.clone(),
            mail.status.as_str().to_owned(),
            mail.attempts.to_string(),
            mail.to.to_string(),
            error,
        ]
    });
    table::print(&["MAIL", "STATUS", "TRIES", "TO", "ERROR"], &mails.collect::<Vec<_>>());
    Ok(())
}

async fn retry(RetryArgs { order: args, operator }: RetryArgs) -> Result<(), Failed> {
    let db = database::open(&args.database).await?;
    let retried = flows::retry_order(&db, &mut Env::system(), args.id, &operator.actor()).await;
    retried.map_err(|error| Failed::new(format!("retry {}", args.id), error))?;
    println!("{} is being delivered again; `hostwright orders show {}` tells how it goes.", args.id, args.id);
    Ok(())
}

async fn refund(RefundArgs { order: args, amount, reason, operator }: RefundArgs) -> Result<(), Failed> {
    let page = page(&args.database, args.id).await?;
    let currency = page.order.line.total.currency();
    let amount = amount.map(|text| Money::from_decimal(&text, currency)).transpose();
    let amount = amount.map_err(|error| Failed::new("read --amount", error))?;
    let by = operator.actor();
    let request = RefundRequest { amount, reason, asked_by: operator.name().to_owned() };
    let db = database::open(&args.database).await?;
    let asked = flows::ask_refund(&db, &mut Env::system(), (args.id, request), &by).await;
    let refund = asked.map_err(|error| Failed::new(format!("refund {}", args.id), error))?;
    println!(
        "{} is being sent back ({}); `hostwright orders show {}` tells how it goes.",
        refund.amount, refund.id, args.id
    );
    Ok(())
}

/// Names of the order's mails that a mail server took.
pub(crate) async fn mails_sent(database: &DatabaseConfig, order: &str) -> Result<Vec<String>, Failed> {
    let id = order.parse().map_err(|error| Failed::new("read an order's id", error))?;
    let page = page(database, id).await?;
    let sent = page.mails.into_iter().filter(|mail| mail.status == MailStatus::Sent);
    Ok(sent.map(|mail| mail.template).collect())
}
