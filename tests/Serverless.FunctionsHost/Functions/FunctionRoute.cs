using Microsoft.AspNetCore.Routing.Template;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Functions;

/// <summary>A function's route as the host matches it: literals ignore case, constraints are ASP.NET Core's.</summary>
internal sealed class FunctionRoute
{
    private readonly RouteTemplate _template;
    private readonly TemplateMatcher _matcher;
    private readonly (string Parameter, IRouteConstraint Constraint)[] _constraints;

    /// <exception cref="HostRefusesException">The template cannot be read.</exception>
    public FunctionRoute(FunctionMetadata.Http function, string prefix, IInlineConstraintResolver resolver)
    {
        Function = function;
        try
        {
            _template = TemplateParser.Parse(prefix.Length == 0 ? function.Route : $"{prefix}/{function.Route}");
            _constraints =
            [
                .. from parameter in _template.Parameters
                   from constraint in parameter.InlineConstraints
                   select (parameter.Name!, resolver.ResolveConstraint(constraint.Constraint) ?? throw new HostRefusesException($"The route of '{function.Name}' has '{constraint.Constraint}', which is no constraint.")),
            ];
        }
        catch (Exception e) when (e is ArgumentException or RouteCreationException)
        {
            throw new HostRefusesException($"The route of '{function.Name}' cannot be read: {e.Message}");
        }

        _matcher = new TemplateMatcher(_template, []);
    }

    public FunctionMetadata.Http Function { get; }

    /// <summary>Two routes with the same key would be one for the host; a slash at the end makes no difference to it.</summary>
    public string Key => (_template.TemplateText ?? "").TrimEnd('/').ToUpperInvariant();

    /// <summary>The first segment of the route, which may not be one of the host's own; empty if it is a parameter.</summary>
    public string FirstSegment => _template.Segments.FirstOrDefault() is { IsSimple: true, Parts: [{ IsLiteral: true, Text: { } text }] } ? text : "";

    /// <summary>Whether the host would give a request to the function; then also the values of the route's parameters.</summary>
    public RouteValueDictionary? Match(HttpContext http)
    {
        var values = new RouteValueDictionary();
        return Function.Methods.Contains(http.Request.Method)
            && _matcher.TryMatch(http.Request.Path, values)
            && _constraints.All(c => c.Constraint.Match(http, null, c.Parameter, values, RouteDirection.IncomingRequest)) ? values : null;
    }
}
