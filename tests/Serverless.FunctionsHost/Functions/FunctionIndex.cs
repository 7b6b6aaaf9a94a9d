using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Extensions.Options;
using NCrontab;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Functions;

/// <summary>All functions of an app. The host indexes them once, when it starts, and refuses those that it cannot run; here the whole app is refused then.</summary>
internal sealed class FunctionIndex
{
    private static readonly string[] s_reserved = ["admin", "runtime"];

    private FunctionIndex(IReadOnlyList<FunctionRoute> routes, IReadOnlyDictionary<string, TimerTrigger> timers) => (Routes, Timers) = (routes, timers);

    /// <summary>The routes in the order of the functions' names, in which the host tries them.</summary>
    public IReadOnlyList<FunctionRoute> Routes { get; }

    public IReadOnlyDictionary<string, TimerTrigger> Timers { get; }

    public static FunctionIndex Create(PublishedFolder app, AppSettings settings)
    {
        var routeOptions = new RouteOptions();
        routeOptions.SetParameterPolicy<RegexInlineRouteConstraint>("regex");
        using var services = new ServiceCollection().BuildServiceProvider();
        var resolver = new DefaultInlineConstraintResolver(Options.Create(routeOptions), services);
        FunctionRoute[] routes = [.. app.Functions.OfType<FunctionMetadata.Http>().Select(f => new FunctionRoute(f, app.Host.RoutePrefix, resolver))];
        CheckRoutes(routes);
        var timers = app.Functions.OfType<FunctionMetadata.Timer>().ToDictionary(f => f.Name, f => new TimerTrigger(f, ReadSchedule(f, settings)), StringComparer.OrdinalIgnoreCase);
        return new FunctionIndex(routes, timers);
    }

    private static void CheckRoutes(FunctionRoute[] routes)
    {
        foreach (var route in routes)
        {
            if (s_reserved.Contains(route.FirstSegment, StringComparer.OrdinalIgnoreCase)) throw new HostRefusesException($"The route of '{route.Function.Name}' begins with a segment that is the host's own.");
        }

        foreach (var same in routes.GroupBy(r => r.Key).Where(g => g.Count() > 1))
        {
            throw new HostRefusesException($"The functions {string.Join(", ", same.Select(r => $"'{r.Function.Name}'"))} have the same route.");
        }
    }

    private static CrontabSchedule ReadSchedule(FunctionMetadata.Timer timer, AppSettings settings)
    {
        var expression = settings.Resolve(timer.Schedule, timer.Name);
        // With seconds, as NCRONTAB has them.
        return CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
            ?? throw new HostRefusesException($"The function '{timer.Name}' is not run: '{expression}' is no NCRONTAB expression of six fields.");
    }
}
