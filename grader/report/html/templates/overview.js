"use strict";
(function () {
  var table = document.getElementById("all"), body = table.tBodies[0];
  var heads = Array.from(table.tHead.rows[0].cells);
  var form = document.getElementById("controls"), count = document.getElementById("count");
  var find = document.getElementById("find"), status = document.getElementById("status");
  var group = document.getElementById("group");
  var rows = Array.from(body.rows, function (row, n) {
    var cells = Array.from(row.cells, function (cell) { return cell.textContent; });
    return {row: row, n: n, cells: cells, text: cells.join(" ").toLowerCase()};
  });
  var collator = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});

  function number(text) {
    var value = parseFloat(text.replace(/^G/, ""));
    return isNaN(value) ? null : value;
  }

  function sort(at) {
    var head = heads[at], numeric = head.hasAttribute("data-number");
    var up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows.sort(function (a, b) {
      var x = a.cells[at], y = b.cells[at], order;
      if (numeric) {
        x = number(x); y = number(y);
        if (x === null || y === null) { return (x === null) - (y === null) || a.n - b.n; }
        order = x - y;
      } else {
        order = collator.compare(x, y);
      }
      return (up ? order : -order) || a.n - b.n;
    });
    body.remove();  // moving rows of a table that is shown takes quadratic time
    rows.forEach(function (one) { body.appendChild(one.row); });
    table.appendChild(body);
  }

  function filter() {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), seen = 0;
    rows.forEach(function (one) {
      var fits = (!status.value || one.cells[1] === status.value) &&
        (!group || !group.value || one.cells[4] === group.value) &&
        words.every(function (word) { return one.text.indexOf(word) >= 0; });
      if (one.row.hidden === fits) { one.row.hidden = !fits; }
      seen += fits;
    });
    count.textContent = seen.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " shown";
  }

  heads.forEach(function (head, at) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", function () { sort(at); });
    head.textContent = "";
    head.appendChild(button);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(filter); });
  document.querySelectorAll("button.show").forEach(function (button) {
    if (!group) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      form.reset();
      group.value = button.dataset.group;
      filter();
      document.getElementById("h-all").scrollIntoView();
      find.focus({preventScroll: true});
    });
  });
  body.addEventListener("keydown", function (event) {
    var step = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key];
    var row = event.target.closest("tr");
    if (!step || !row) { return; }
    do { row = row[step]; } while (row && row.hidden);
    if (row) { row.querySelector("a").focus(); event.preventDefault(); }
  });
  form.hidden = false;
  filter();
})();
