//! The few shapes of a Rhai syntax tree that the rules look at: children, calls, closures.

use rhai::{AST, ASTNode, Dynamic, Expr, FnAccess, FnCallExpr, FnPtr, Ident, Position, Stmt};

#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Stmt(&'a Stmt),
    Expr(&'a Expr),
}

/// A function or method call, however the tree keeps it.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) callee: &'a FnCallExpr,
    /// Where the name of the function stands.
    pub(super) position: Position,
    pub(super) is_method: bool,
}

impl<'a> Call<'a> {
    pub(super) fn name(&self) -> &'a str {
        &self.callee.name
    }

    pub(super) fn args(&self) -> &'a [Expr] {
        &self.callee.args
    }

    /// `upgrade` of `upgrade::each(…)`; empty for an unqualified call.
    pub(super) fn namespace(&self) -> Vec<&'a str> {
        self.callee.namespace.path.iter().map(|part| part.name.as_str()).collect()
    }

    /// A plain call by this name: no method, no namespace.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_method && self.callee.namespace.is_empty()
    }
}

impl<'a> Node<'a> {
    /// The direct children, in the order in which they run.
    pub(super) fn children(self) -> Vec<Self> {
        match self {
            Self::Stmt(stmt) => children_of_stmt(stmt),
            Self::Expr(expr) => children_of_expr(expr),
        }
    }

    /// The call that this node is, but for operators and for what Rhai adds to closures.
    pub(super) fn call(self) -> Option<Call<'a>> {
        let (callee, position, is_method) = match self {
            Self::Stmt(Stmt::FnCall(callee, position)) | Self::Expr(Expr::FnCall(callee, position)) => {
                (callee, *position, false)
            }
            Self::Expr(Expr::MethodCall(callee, position)) => (callee, *position, true),
            _ => return None,
        };
        (!callee.is_operator_call()).then_some(Call { callee, position, is_method })
    }

    /// Visits this node and all below, but for the bodies of closures: those are functions of the tree.
    pub(super) fn visit(self, look: &mut impl FnMut(Self)) {
        look(self);
        for child in self.children() {
            child.visit(look);
        }
    }
}

fn exprs<'a>(list: impl IntoIterator<Item = &'a Expr>) -> Vec<Node<'a>> {
    list.into_iter().map(Node::Expr).collect()
}

fn stmts<'a>(list: impl IntoIterator<Item = &'a Stmt>) -> impl Iterator<Item = Node<'a>> {
    list.into_iter().map(Node::Stmt)
}

fn children_of_stmt(stmt: &Stmt) -> Vec<Node<'_>> {
    match stmt {
        Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, _, _) | Stmt::TryCatch(flow, _) => {
            let mut nodes = vec![Node::Expr(&flow.expr)];
            nodes.extend(stmts(flow.body.iter()));
            nodes.extend(stmts(flow.branch.iter()));
            nodes
        }
        Stmt::For(parts, _) => {
            let mut nodes = vec![Node::Expr(&parts.2.expr)];
            nodes.extend(stmts(parts.2.body.iter()));
            nodes
        }
        Stmt::Switch(parts, _) => {
            let mut nodes = vec![Node::Expr(&parts.0)];
            nodes.extend(parts.1.expressions.iter().flat_map(|arm| [Node::Expr(&arm.lhs), Node::Expr(&arm.rhs)]));
            nodes
        }
        Stmt::Var(parts, ..) => vec![Node::Expr(&parts.1)],
        Stmt::Assignment(parts) => vec![Node::Expr(&parts.1.lhs), Node::Expr(&parts.1.rhs)],
        Stmt::FnCall(callee, _) => exprs(callee.args.iter()),
        Stmt::Block(block) => stmts(block.iter()).collect(),
        Stmt::Expr(expr) | Stmt::Return(Some(expr), ..) | Stmt::BreakLoop(Some(expr), ..) => vec![Node::Expr(expr)],
        Stmt::Import(parts, _) => vec![Node::Expr(&parts.0)],
        _ => Vec::new(),
    }
}

fn children_of_expr(expr: &Expr) -> Vec<Node<'_>> {
    match expr {
        Expr::Stmt(block) => stmts(block.iter()).collect(),
        Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => exprs(parts.iter()),
        Expr::Map(map, _) => exprs(map.0.iter().map(|(_, value)| value)),
        Expr::Index(pair, ..) | Expr::Dot(pair, ..) => vec![Node::Expr(&pair.lhs), Node::Expr(&pair.rhs)],
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => exprs(parts.iter()),
        Expr::FnCall(callee, _) | Expr::MethodCall(callee, _) => exprs(callee.args.iter()),
        _ => Vec::new(),
    }
}

/// The name (`anon$…`) of the closure that stands here, with or without captured variables.
pub(super) fn closure_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::DynamicConstant(value, _) => name_of_pointer(value),
        // A closure with captures is a block: share the variables, then curry the closure with them.
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Share(_), Stmt::Expr(curried)] => match &**curried {
                Expr::FnCall(callee, _) => callee.args.first().and_then(closure_name),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The variables that a closure which stands here captures, and where each is used first.
pub(super) fn captured(expr: &Expr) -> Vec<(&str, Position)> {
    let Expr::Stmt(block) = expr else { return Vec::new() };
    match block.statements() {
        [Stmt::Share(shared), ..] => shared.iter().map(|(name, _)| (name.name.as_str(), name.pos)).collect(),
        _ => Vec::new(),
    }
}

fn name_of_pointer(value: &Dynamic) -> Option<String> {
    value.read_lock::<FnPtr>().filter(|pointer| pointer.is_anonymous()).map(|pointer| pointer.fn_name().to_owned())
}

pub(super) fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringConstant(text, _) => Some(text),
        _ => None,
    }
}

/// A function or closure of a script.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) params: Vec<String>,
    pub(super) is_private: bool,
    pub(super) body: Vec<Stmt>,
    /// Where its body starts.
    pub(super) start: Position,
}

impl Function {
    pub(super) fn is_closure(&self) -> bool {
        self.name.starts_with("anon$")
    }

    /// `each(cluster, ids, body)`.
    pub(super) fn signature(&self) -> String {
        format!("{}({})", self.name, self.params.join(", "))
    }
}

/// All functions of a file, closures included.
///
/// Rhai gives out a function's name and parameters, and its body only to a walk over the whole tree: so each function is
/// walked in a tree of its own.
pub(super) fn functions(ast: &AST) -> Vec<Function> {
    let mut functions: Vec<Function> = ast
        .iter_fn_def()
        .map(|function| Function {
            name: function.name.to_string(),
            params: function.params.iter().map(ToString::to_string).collect(),
            is_private: function.access == FnAccess::Private,
            body: body(ast, &function.name, function.params.len()),
            start: function.body.start_position(),
        })
        .collect();
    functions.sort_by_key(|function| (function.start.line(), function.start.position(), function.name.clone()));
    functions
}

fn body(ast: &AST, name: &str, arity: usize) -> Vec<Stmt> {
    let mut alone = ast.clone();
    // `clone_functions_only_filtered` does not filter (rhai 1.27): it copies everything into an empty tree.
    alone.clear_statements().retain_functions(|_, _, known, params| known == name && params == arity);
    let mut stmts = Vec::new();
    alone.walk(&mut |path: &[ASTNode]| {
        if let [ASTNode::Stmt(stmt)] = path {
            stmts.push((*stmt).clone());
        }
        true
    });
    stmts
}

/// The `import` statements of a file, wherever they stand: each path and alias.
pub(super) fn imports(ast: &AST) -> Vec<(Expr, Ident)> {
    let mut found = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Stmt(Stmt::Import(parts, _))) = path.last() {
            found.push((**parts).clone());
        }
        true
    });
    found
}
