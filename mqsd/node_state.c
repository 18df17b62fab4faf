/* SPDX-License-Identifier: BSD-2-Clause */

/* What the pool is told of a node: its state, what is held because of it, what is lost with it. */

#include "lib/log.h"
#include "mqsd/call.h"
#include "mqsd/conf.h"
#include "mqsd/kamailio.h"
#include "mqsd/node_priv.h"

static void
on_said(void *arg, json_t *reply)
{
	struct node *node = arg;

	if (pool_refusal(reply) != NULL)
		node->unsaid = true;
}

static void on_hold_page(void *arg, json_t *reply);

/* Holds or releases the node's waiting calls, page by page; `hold` follows the state at each page.
 */
static void
hold_page(struct node *node, json_t *cursor)
{
	bool hold = node->state == NODE_UNREACHABLE;
	json_t *args = json_pack("{s:b, s:s}", "hold", hold, "reason",
				 hold ? "node_unreachable" : "node_up");

	if (cursor != NULL)
		json_object_set(args, "cursor", cursor);
	node_script(node, "node_hold", args, on_hold_page, node);
}

static void
on_hold_page(void *arg, json_t *reply)
{
	json_t *cursor = json_object_get(reply, "cursor");

	on_said(arg, reply);
	if (cursor != NULL)
		hold_page(arg, cursor);
}

/* The only writer of a node's state here; the pool's event says old, new and why. */
void
node_set_state(struct node *node, enum node_state state, const char *reason)
{
	enum node_state old = node->state;
	json_t *args;

	node->state = state;
	args = json_pack("{s:s, s:s}", "state", node_state_name(state), "reason", reason);
	if (node->version[0] != '\0') {
		json_object_set_new(args, "asterisk", json_string(node->version));
		json_object_set_new(args, "startup", json_string(node->startup));
	}
	if (old != state)
		log_info("node %s: %s -> %s (%s)", node->conf->name, node_state_name(old),
			 node_state_name(state), reason);
	node_script(node, "node_state", args, on_said, node);
	if (old != state && (state == NODE_UNREACHABLE || state == NODE_UP))
		hold_page(node, NULL);
	if (node_is_settled(node))
		node->env->settled(node->env->arg);
}

/* Every call of a dead node is lost with it. */
static void
on_lost_page(void *arg, json_t *reply)
{
	struct node *node = arg;
	json_t *record, *cursor = json_object_get(reply, "cursor");
	size_t i;

	on_said(node, reply);
	json_array_foreach(json_object_get(reply, "calls"), i, record)
		calls_lost(node->calls, record, node->unseen);
	if (cursor != NULL)
		node_script(node, "node_calls", json_pack("{s:O}", "cursor", cursor), on_lost_page,
			    node);
}

void
node_declare_dead(struct node *node, const char *why, bool unseen)
{
	if (node->state == NODE_DEAD)
		return;
	node->unseen = unseen;
	log_error("node %s is dead: %s; its calls are lost", node->conf->name, why);
	kamailio_end_calls(node->env->kamailio, node->conf->name, 0, why);
	node_set_state(node, NODE_DEAD, why);
	node_script(node, "node_calls", json_object(), on_lost_page, node);
}

static void
on_kamailio_word(void *arg, enum kamailio_word word)
{
	struct node *node = arg;

	node->asking = false;
	if (word == KAMAILIO_DOWN && node->owned && node->state == NODE_UNREACHABLE &&
	    !ws_is_up(node->ws))
		node_declare_dead(node, "it does not answer, and Kamailio calls it down", true);
}

/* Silence is not death, unless Kamailio hears nothing either. */
void
node_ask_kamailio(struct node *node)
{
	if (node->asking || node->state != NODE_UNREACHABLE || ws_is_up(node->ws))
		return;
	node->asking = true;
	kamailio_ask(node->env->kamailio, node->conf->name, on_kamailio_word, node);
}

/* What Redis gave no answer to is said once more, all of it. */
void
node_say_again(struct node *node)
{
	node->unsaid = false;
	node_set_state(node, node->state, "said again");
	if (node->state == NODE_UP || node->state == NODE_UNREACHABLE)
		hold_page(node, NULL);
	else if (node->state == NODE_DEAD)
		node_script(node, "node_calls", json_object(), on_lost_page, node);
}
