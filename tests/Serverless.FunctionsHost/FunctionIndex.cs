using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.Extensions.Options;
using NCrontab;

namespace Serverless.FunctionsHost;

/// <summary>All functions of an app. The host indexes them once, when it starts, and refuses those that it cannot run; here the whole app is refused then.</summary>
internal sealed class FunctionIndex
{
    private static readonly string[] s_reserved = ["admin", "runtime"];

    private FunctionIndex(IReadOnlyList<FunctionRoute> routes, IReadOnlyDictionary<string, TimerTrigger> timers) => (Routes, Timers) = (routes, timers);

    /// <summary>The routes in the order of the functions' names, in which the host tries them.</summary>
    public IReadOnlyList<FunctionRoute> Routes { get; }

    public IReadOnlyDictionary<string, TimerTrigger> Timers { get; }

    public static FunctionIndex Read(FunctionsHostOptions options, HostFile host)
    {
        var functions = Directory.GetDirectories(options.AppRoot).Where(folder => File.Exists(Path.Combine(folder, "function.json")))
            .Select(FunctionFile.Read).OrderBy(f => f.Name, StringComparer.Ordinal).ToArray();
        if (functions.Length == 0) throw new HostRefusesException("There is no function.");
        var routeOptions = new RouteOptions();
        routeOptions.SetParameterPolicy<RegexInlineRouteConstraint>("regex");
        using var services = new ServiceCollection().BuildServiceProvider();
        var resolver = new DefaultInlineConstraintResolver(Options.Create(routeOptions), services);
        FunctionRoute[] routes = [.. functions.OfType<FunctionFile.Http>().Select(f => new FunctionRoute(f, host.RoutePrefix, resolver))];
        CheckRoutes(routes);
        var timers = functions.OfType<FunctionFile.Timer>().ToDictionary(f => f.Name, f => new TimerTrigger(f, ReadSchedule(f, options.AppSettings)), StringComparer.OrdinalIgnoreCase);
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

    private static CrontabSchedule ReadSchedule(FunctionFile.Timer timer, IReadOnlyDictionary<string, string> appSettings)
    {
        var expression = timer.Schedule;
        if (expression is ['%', .. var setting, '%'])
        {
            expression = appSettings.GetValueOrDefault(setting) ?? throw new HostRefusesException($"The function '{timer.Name}' is not run: '%{setting}%' does not resolve to a value.");
        }

        // With seconds, as NCRONTAB has them.
        return CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true })
            ?? throw new HostRefusesException($"The function '{timer.Name}' is not run: '{expression}' is no NCRONTAB expression of six fields.");
    }
}
